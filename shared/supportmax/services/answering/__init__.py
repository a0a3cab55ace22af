"""The steps of an answer: guard, contextualise, retrieve, decide, generate, verify, compose."""
