"""An OpenAI-compatible server that misbehaves on request. By hand: `python -m tests.llm_server`."""

from tests.llm_server.batches import BatchSettings
from tests.llm_server.faults import FAULTS, Call, Step, completion, failure, text
from tests.llm_server.server import LLMServer

__all__ = ["FAULTS", "BatchSettings", "Call", "LLMServer", "Step", "completion", "failure", "text"]
