"""What holds for gunicorn wherever it is started; it reads this file from the project's folder."""

logger_class = "config.web_log.WebLog"
# As much as the proxy lets pass, so that gunicorn refuses nothing by its own bare page.
limit_request_line = 8190
limit_request_fields = 1000
