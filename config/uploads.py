"""Files that a form brings, while they come: too large for memory, they lie on disk without a name.

So a process that is killed in the middle leaves nothing behind that somebody sent.
"""

import tempfile

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class NamelessHandler(FileUploadHandler):
    """Django's handler for large files, but for the name, by which its file would outlive a kill."""

    def new_file(self, *args, **kwargs):
        """Begin a file."""
        super().new_file(*args, **kwargs)
        told = self.file_name, self.content_type, 0, self.charset, self.content_type_extra
        self.file = UploadedFile(tempfile.TemporaryFile(), *told)  # noqa: SIM115  (closed with the request)

    def receive_data_chunk(self, raw_data, start):
        """Write what has come."""
        self.file.write(raw_data)

    def file_complete(self, file_size):
        """Return the file, to be read from its beginning."""
        self.file.seek(0)
        self.file.size = file_size
        return self.file
