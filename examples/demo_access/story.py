"""The steps of the demo, as the user's own commands: denied, explained, the printed policies applied, copied.

Each step returns whether it went as it should.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from examples.demo_access import world
from examples.demo_access.terminal import Terminal
from tests.servers.rgw import RgwServer

from s3_crosscopy.access.examination import Policy
from s3_crosscopy.access.rules.policies import how_to_attach, to_json

COPY = ("s3-crosscopy", "copy", world.SOURCE, world.DEST, "--profile", world.ROLE, "--preflight", "light")
DOCTOR = ("s3-crosscopy", "doctor", world.SOURCE, world.DEST, "--profile", world.ROLE)
LACKING = {("s3:GetObject", "source bucket"), ("s3:GetObjectTagging", "source bucket")}
"""What the policies of this world do not give."""
DENIED, DONE = 1, 0
ANSWER = "doctor.json"


class Step(NamedTuple):
    """A part of the story: what it is about, what is done, and what has to be true afterwards."""

    title: str
    play: Callable[[Terminal, RgwServer], bool]
    holds: str


def denied(terminal: Terminal, rgw: RgwServer) -> bool:
    code = terminal.run(*COPY)
    return code == DENIED and world.compare(rgw)[0] == 0


def explained(terminal: Terminal, rgw: RgwServer) -> bool:
    code = terminal.run(*DOCTOR)
    again = terminal.keep(ANSWER, *DOCTOR, "--json")
    lacking = {(one["action"], one["place"]) for one in _answer(terminal)["grants"] if one["status"] == "missing"}
    return (code, again, lacking) == (DENIED, DENIED, LACKING)


def allowed(terminal: Terminal, rgw: RgwServer) -> bool:
    """The documents go in as they were printed; only white space is left out, which this gateway does not take."""
    codes = []
    for one in _answer(terminal)["policies"]:
        policy = Policy(one["place"], one["attach_to"], one["document"])
        terminal.say(f"{policy.place}: {how_to_attach(policy)}")
        attach = _attach_to_role if policy.attach_to == rgw.role_arn(world.ROLE) else _add_to_bucket
        codes.append(attach(terminal, rgw, policy))
    return codes == [DONE, DONE]


def _attach_to_role(terminal: Terminal, _: RgwServer, policy: Policy) -> int:
    terminal.write("identity.json", to_json(policy.document, compact=True))
    where = ("--profile", "analytics", "--role-name", world.ROLE, "--policy-name", "copy-events")
    return terminal.run("aws", "iam", "put-role-policy", *where, "--policy-document", "file://identity.json")


def _add_to_bucket(terminal: Terminal, rgw: RgwServer, policy: Policy) -> int:
    there = world.statements_of(rgw, policy.attach_to)
    added = policy.document["Statement"]
    terminal.say(f"bucket.json: {_sids(there)}, which are there, and {_sids(added)}, as printed")
    terminal.write("bucket.json", to_json({**policy.document, "Statement": [*there, *added]}, compact=True))
    where = ("--profile", "raw", "--bucket", policy.attach_to)
    return terminal.run("aws", "s3api", "put-bucket-policy", *where, "--policy", "file://bucket.json")


def _sids(statements: Sequence[Mapping[str, Any]]) -> str:
    return " and ".join(one["Sid"] for one in statements)


def copied(terminal: Terminal, rgw: RgwServer) -> bool:
    code = terminal.run(*COPY)
    keys, different = world.compare(rgw)
    terminal.say(f"plain boto3 finds {keys} of {len(world.objects())} keys there, and bytes, content type and metadata")
    terminal.say(f"{'DIFFERENT: ' + ', '.join(different) if different else 'equal on both sides'}")
    return code == DONE and keys == len(world.objects()) and not different


def healthy(terminal: Terminal, rgw: RgwServer) -> bool:
    return terminal.run(*DOCTOR) == DONE


STORY = (
    Step("The copy is denied, and says why", denied, "the copy was denied, and nothing was written"),
    Step(
        "The doctor tests every permission",
        explained,
        "the doctor named the two missing permissions and no other",
    ),
    Step("Each admin puts in the policy that was printed for them", allowed, "the printed policies were taken"),
    Step("The same copy again", copied, "everything was copied"),
    Step("The doctor again", healthy, "the doctor found nothing missing"),
)


def _answer(terminal: Terminal) -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(terminal.read(ANSWER))
    return found
