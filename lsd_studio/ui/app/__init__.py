"""The application: starting, settings, sessions, themes, errors that nobody foresaw."""
