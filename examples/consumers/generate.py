"""Makes the protobuf classes from this repository's schema: rapporteur/v1/contact_pb2.py beside this file."""

import sys
from pathlib import Path

from grpc_tools import protoc

HERE = Path(__file__).resolve().parent
PROTO = HERE.parents[1] / "proto"
SCHEMA = "rapporteur/v1/contact.proto"


def main() -> int:
    """Runs protoc, and returns its exit code."""
    return protoc.main(
        ["protoc", f"-I{PROTO}", f"--python_out={HERE}", f"--pyi_out={HERE}", str(PROTO / SCHEMA)]
    )


if __name__ == "__main__":
    sys.exit(main())
