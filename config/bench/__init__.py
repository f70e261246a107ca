"""What is measured on the running site: real servers, real processes, requests over HTTP."""
