"""The one error of the one-machine stack."""


class StackError(Exception):
    """Something a person has to know or do; the message is one clear line, shown without a trace."""
