"""`make load`: people come at a set rate, however long the site takes."""
