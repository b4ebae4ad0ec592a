"""Landscapes: what an objective looks like on a plane through its parameters."""
