"""Objects: raw mail and attachments."""
