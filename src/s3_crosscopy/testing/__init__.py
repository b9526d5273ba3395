"""Test doubles of the ports, also for your own tests; they pass the same contract tests as the real adapters."""

from s3_crosscopy.testing.content import Content, sparse
from s3_crosscopy.testing.faults import Fault, Faulty
from s3_crosscopy.testing.inline_transport import InlineTransport
from s3_crosscopy.testing.memory_index import MemoryIndex, MemoryIndexPlace
from s3_crosscopy.testing.memory_s3 import MemoryS3
from s3_crosscopy.testing.memory_store import MemoryStore
from s3_crosscopy.testing.request_budget import Counting, RequestBudget
from s3_crosscopy.testing.virtual_clock import VirtualClock

__all__ = [
    "Content",
    "Counting",
    "Fault",
    "Faulty",
    "InlineTransport",
    "MemoryIndex",
    "MemoryIndexPlace",
    "MemoryS3",
    "MemoryStore",
    "RequestBudget",
    "VirtualClock",
    "sparse",
]
