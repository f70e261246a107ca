"""Settings, read from the environment; see .env.example for every variable.

DATABASE_URL, REDIS_URL and the two keys are set by config/services.py when the
embedded servers are used, so that nothing here starts a process.
"""

import os
from pathlib import Path
from urllib.parse import quote

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.ENVIRON = {name: value for name, value in os.environ.items() if value}  # empty is unset

# -- Who we are --------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
# Those that it followed: query codes made under one of them still fit.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# "id:base64key,…", the current key first; see cases/crypto.py
IDENTITY_KEYS = env.str("IDENTITY_KEYS")
# 127.0.0.1 always: a health check inside the container knows no other name.
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=["localhost"]), "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
# How many proxies of ours stand before the web process: only then is X-Forwarded-… believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# Whether officers give a one-time password beside their own; see cases/second_factor.py.
SECOND_FACTOR = env.bool("SECOND_FACTOR", default=True)

# How long an officer stays signed in: without doing anything, and at the most.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_HOURS = env.int("SESSION_HOURS", default=12)

# Letters and files that one address may send in an hour without a proof of work, and fifty times as
# many with one; 0: as many as it will.
SENDING_FREE = env.int("SENDING_FREE", default=10)

# For so many years after a letter is closed it is known who wrote it; see docs/decisions/0022.
RETENTION_YEARS = env.int("RETENTION_YEARS", default=3)

# Gigabytes of the database that letters of runs and of practice may take; see simulation/room.py.
RUNS_GB = env.float("RUNS_GB", default=20)

INSTALLED_APPS = [
    "cases",  # before the admin, whose frame (admin/base_site.html) it replaces
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "mailbox",
    "simulation",
    "config",
]

MIDDLEWARE = [
    "config.middleware.Numbered",
    "config.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.static_files.StaticFiles",
    "config.middleware.Compressed",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cases.desk.sessions.SessionLimits",
    "cases.desk.middleware.WorldMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "cases.Officer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "admin:login"
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": "cases.password_rules.GuessableValidator"},
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mailbox.display.context",
            ],
            "builtins": ["cases.templatetags.own_token"],
        },
    }
]

# -- Database, broker, tasks -------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# The live tables stand in schema `live`; see cases/worlds.py.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c search_path=public,live"
DATABASES["default"]["OPTIONS"]["connect_timeout"] = 5

REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"simulation.tasks.*": {"queue": "simulation"}}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker for ever
# The first three make a killed worker's tasks come back in seconds (by default 90 s and more).
# A task longer than visibility_timeout is delivered twice: claims in the database bear that.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 10,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 2,  # longer than the second for which a worker waits for a message
}
# A web request must not wait for an absent broker: one quick retry, then the error.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.1}
CELERY_BEAT_SCHEDULER = "config.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(BASE_DIR / "var" / "beat-schedule")
CELERY_TIMEZONE = "Asia/Shanghai"

# -- Language, time, files ---------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "static/"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.static_files.HashedNames",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_files.Storage"},
}
WHITENOISE_USE_FINDERS = True  # served from where they lie: no collecting step to forget
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "var" / "attachments")))
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "config.uploads.NamelessHandler",
]

# -- Mail and short messages -------------------------------------------------
MAIL_FOLDER = quote(str(BASE_DIR / "var" / "mail"))
vars().update(env.email("EMAIL_URL", default=f"filemail:///{MAIL_FOLDER}"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="mailbox@localhost")
# Where the daily anchors of the event log are mailed, to be kept; see cases/anchors.py.
ANCHORS_TO = env.list("ANCHORS_TO", default=[])
SMS_PROVIDER = env.str("SMS_PROVIDER", default="file")  # see cases/sms.py
SMS_FOLDER = BASE_DIR / "var" / "sms"

# -- Security ----------------------------------------------------------------
SECURE = SITE_URL.startswith("https://")
SESSION_ENGINE = "cases.session_store"
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
if SECURE:  # a browser takes these names from this host alone, by https, for the whole site
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"

# -- Log ---------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "config.logs.Line",
            "format": "%(asctime)s %(levelname)s %(name)s [%(number)s] %(message)s",
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO").upper()},
    # Without Django's own handlers, which would print each line twice or mail it away.
    "loggers": {"django": {"handlers": [], "propagate": True}, "pikepdf": {"level": "WARNING"}},
}
