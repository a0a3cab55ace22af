"""Measuring triage, retrieval and answers on labelled files, through the code that serves customers."""
