"""One principal's requests, made ready for the wire: what BotoS3 knows, looked up again when it got a new client."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.adapters.fast.request_capture import Capture
from s3_crosscopy.adapters.fast.request_template import Incompatible, Template, Wire
from s3_crosscopy.adapters.fast.retries import Retries
from s3_crosscopy.adapters.fast.sigv4 import Signer, Signing
from s3_crosscopy.adapters.fast.template_slots import filled, marked, template_key
from s3_crosscopy.model.operations import Copy, ListPage, TransportOp, TransportValue

MOST_TEMPLATES = 64
"""More differ by arguments that are made for each object; then nothing is gained by keeping them."""


class RequestBuilder:
    """Owned by the lane's thread. `now` is the time of day."""

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

    def wire(self, op: TransportOp) -> Wire:
        """The request for an operation, signed now.

        Raises Misfit, or what botocore raises, for a request that only botocore can make, or refuse.
        """
        if self._port.client is not self.client:
            self._capture.close()
            self._adopt()
        values = filled(op)
        if values is None:
            raise Incompatible("a value in it is none for a header")
        template = self._template(op)
        return template.wire(values, self._signing(template))

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
        one = marked(op)
        sample = self._capture.of(lambda: self._send(one))
        try:
            template = Template(sample, filled(one) or {}, kept=op)
            template.check(sample, self._capture.credentials())
        except Incompatible as incompatible:
            return incompatible
        return template

    def _send(self, op: TransportOp) -> TransportValue:
        if isinstance(op, ListPage):
            return self._port.list_page(op)
        return self._port.copy(op) if isinstance(op, Copy) else self._port.copy_part(op)

    def _signing(self, template: Template) -> Signing:
        """Once a second, as often as the time in a signature changes: so new credentials are noticed in time."""
        now = self._now()
        second, signer, signing = self._signers.get(template.scope) or (0, Signer(*template.scope), None)
        if signing is None or int(now) != second:
            fresh = signer.at(now, self._capture.credentials())
            if signing is not None and (fresh.token is None) != (signing.token is None):
                self._templates.clear()  # Another set of headers is signed.
            signing = fresh
            self._signers[template.scope] = (int(now), signer, signing)
        return signing
