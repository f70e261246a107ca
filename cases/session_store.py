"""Where sessions are kept: Django's way, with the officer's key beside what is sealed into a row.

Written with every save, so that no session of an officer is missing from the list of them.
"""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from cases.models import Session


class SessionStore(db.SessionStore):
    """A session in the database, which knows whose it is."""

    @classmethod
    def get_model_class(cls):
        """Return the model of a row."""
        return Session

    def create_model_instance(self, data):
        """Return the row of a session, with the officer who has signed in."""
        row = super().create_model_instance(data)
        row.officer_id = data.get(SESSION_KEY)
        return row
