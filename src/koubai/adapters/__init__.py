"""Adapters: models and loops of other libraries, as koubai's objectives and paths."""
