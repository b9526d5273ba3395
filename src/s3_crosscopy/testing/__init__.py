"""Doubles of the ports for tests, yours too; held to the same contract suite as the real adapters."""

from s3_crosscopy.testing.budget import Counting, RequestBudget
from s3_crosscopy.testing.clock import VirtualClock
from s3_crosscopy.testing.content import Content, sparse
from s3_crosscopy.testing.faults import Fault, Faulty
from s3_crosscopy.testing.lane import InlineLane
from s3_crosscopy.testing.memory import MemoryS3
from s3_crosscopy.testing.store import MemoryStore

__all__ = [
    "Content",
    "Counting",
    "Fault",
    "Faulty",
    "InlineLane",
    "MemoryS3",
    "MemoryStore",
    "RequestBudget",
    "VirtualClock",
    "sparse",
]
