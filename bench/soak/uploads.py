"""The open multipart uploads of the soak's destination."""

from __future__ import annotations

import time

from bench.soak.key_space import PART_BYTES, Place, part_etag

_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


class Uploads:
    """By id: the key, when it began, and the numbers of the parts that came."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, str, set[int]]] = {}
        self._number = 0

    def __contains__(self, upload_id: str) -> bool:
        return upload_id in self._open

    def __len__(self) -> int:
        return len(self._open)

    def created(self, key: str) -> str:
        self._number += 1
        upload_id = f"upload-{self._number}"
        self._open[upload_id] = (key, time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()), set())
        return (
            f"{_XML}<InitiateMultipartUploadResult {_NAMESPACE}><Bucket>dst</Bucket><Key>{key}</Key>"
            f"<UploadId>{upload_id}</UploadId></InitiateMultipartUploadResult>"
        )

    def took(self, upload_id: str, number: int) -> bool:
        """A part came; whether it had come before."""
        numbers = self._open[upload_id][2]
        again = number in numbers
        numbers.add(number)
        return again

    def numbers(self, upload_id: str) -> set[int]:
        return self._open[upload_id][2]

    def ended(self, upload_id: str) -> None:
        del self._open[upload_id]

    def listed(self, prefix: str) -> str:
        rows = [
            f"<Upload><Key>{key}</Key><UploadId>{upload_id}</UploadId><StorageClass>STANDARD</StorageClass>"
            f"<Initiated>{began}</Initiated></Upload>"
            for upload_id, (key, began, _) in self._open.items()
            if key.startswith(prefix)
        ]
        return (
            f"{_XML}<ListMultipartUploadsResult {_NAMESPACE}><Bucket>dst</Bucket><Prefix>{prefix}</Prefix>"
            f"<MaxUploads>1000</MaxUploads><IsTruncated>false</IsTruncated>{''.join(rows)}</ListMultipartUploadsResult>"
        )

    def parts(self, upload_id: str, place: Place) -> str:
        rows = [
            f"<Part><PartNumber>{number}</PartNumber><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{part_etag(place, number)}&quot;</ETag><Size>{PART_BYTES}</Size></Part>"
            for number in sorted(self.numbers(upload_id))
        ]
        return (
            f"{_XML}<ListPartsResult {_NAMESPACE}><Bucket>dst</Bucket><UploadId>{upload_id}</UploadId>"
            f"<MaxParts>1000</MaxParts><IsTruncated>false</IsTruncated>{''.join(rows)}</ListPartsResult>"
        )
