"""What holds for gunicorn wherever it is started; it reads this file from the project's folder."""

logger_class = "config.web_log.WebLog"
