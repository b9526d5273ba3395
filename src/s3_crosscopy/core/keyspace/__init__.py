"""Estimates how many keys lie where, and splits key ranges."""
