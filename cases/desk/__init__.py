"""The officers' own pages, inside the admin's look; one file a subject."""
