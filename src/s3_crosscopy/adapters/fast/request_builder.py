"""Builds signed requests for one principal, with what its BotoS3 has: a new client there gets new templates here."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.adapters.fast.request_capture import Capture
from s3_crosscopy.adapters.fast.request_template import Incompatible, Prepared, Template
from s3_crosscopy.adapters.fast.retries import Retries
from s3_crosscopy.adapters.fast.sigv4 import Signer, Signing
from s3_crosscopy.adapters.fast.template_slots import filled, marked, slotted, template_key
from s3_crosscopy.model.operations import Copy, CopyPart, ListPage, TransportOp, TransportValue

MOST_TEMPLATES = 64
"""More would differ in arguments that are made for each object; keeping those would save nothing."""


class RequestBuilder:
    """Owned by the transport's thread. `now` returns the time of day, in seconds since 1970."""

    def __init__(self, port: BotoS3, now: Callable[[], float] = time.time) -> None:
        self._port = port
        self._now = now
        self._adopt()

    def _adopt(self) -> None:
        self.client = self._port.client
        self.retries = Retries(self.client)
        self._capture = Capture(self.client)
        self._templates: dict[Hashable, Template | Incompatible] = {}
        self._signers: dict[tuple[str, str], tuple[int, Signer, Signing | None]] = {}

    def throttled(self) -> int:
        """See `ports.BlockingS3`."""
        return self._port.throttled()

    def close(self) -> None:
        """Leave the client as it was."""
        self._capture.close()

    def prepared(self, op: TransportOp) -> Prepared:
        """The request for an operation, to be signed with the time of now.

        Raises Incompatible for a request that only botocore can make, and what botocore raises where it refuses one.
        """
        if self._port.client is not self.client:
            self._capture.close()
            self._adopt()
        op = slotted(op)
        values = filled(op)
        if values is None:
            raise Incompatible("a value in it cannot be a header's")
        template = self._template(op)
        # As `Prepared(...)` in half the time: this is done for every object.
        return tuple.__new__(Prepared, (template, values, self._signing(template)))

    def _template(self, op: TransportOp) -> Template:
        key = template_key(op)
        template = self._templates.get(key)
        if template is None:
            if len(self._templates) >= MOST_TEMPLATES:
                self._templates.clear()
            template = self._templates[key] = self._sampled(op)
        if isinstance(template, Incompatible):
            raise template
        return template

    def _sampled(self, op: TransportOp) -> Template | Incompatible:
        sample_op = marked(op)
        sample = self._capture.of(lambda: self._send(sample_op))
        try:
            template = Template(sample, filled(sample_op) or {}, kept=op)
            template.check(sample, self._capture.credentials())
        except Incompatible as incompatible:
            return incompatible
        return template

    def _send(self, op: TransportOp) -> TransportValue:
        if isinstance(op, ListPage):
            return self._port.list_page(op)
        if isinstance(op, Copy):
            return self._port.copy(op)
        if isinstance(op, CopyPart):
            return self._port.copy_part(op)
        return self._port.head(op.bucket, op.key, if_match=op.if_match or None, version=op.version)

    def _signing(self, template: Template) -> Signing:
        """Made once a second, like the time in a signature: new credentials are used within a second."""
        now = self._now()
        second, signer, signing = self._signers.get(template.scope) or (0, Signer(*template.scope), None)
        if signing is None or int(now) != second:
            new = signer.at(now, self._capture.credentials())
            if signing is not None and (new.token is None) != (signing.token is None):
                self._templates.clear()  # Another set of headers is signed.
            signing = new
            self._signers[template.scope] = (int(now), signer, signing)
        return signing
