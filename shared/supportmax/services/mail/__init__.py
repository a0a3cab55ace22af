"""Read mail: MIME, charsets, HTML, quotes and automatic mail. Pure functions on bytes and text."""

from supportmax.services.mail.parse import MAX_MAIL_BYTES, parse_mail
from supportmax.services.mail.reply_text import SplitReply, split_reply

__all__ = ["MAX_MAIL_BYTES", "SplitReply", "parse_mail", "split_reply"]
