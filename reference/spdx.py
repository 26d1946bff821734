# /// script
# requires-python = ">=3.10"
# dependencies = ["spdx-python-model==0.0.6"]
# ///
"""Holds SPDX 3.0.1 documents to the shapes of the model, by its own bindings.

    jokbo render report.json --format spdx -o report.spdx.json
    python reference/spdx.py report.spdx.json

Reads every document, which checks types, required properties and the values that enumerations allow,
writes it again, and fails where an element was lost.
"""

import io
import sys

import spdx_python_model

model = spdx_python_model.v3_0_1


def check(path: str) -> int:
    objects = model.SHACLObjectSet()
    with open(path, encoding="utf-8") as file:
        model.JSONLDDeserializer().read(file, objects)
    missing = objects.link()
    if missing:
        raise SystemExit(f"{path}: nothing is called {sorted(missing)}")
    model.JSONLDSerializer().write(objects, io.BytesIO())
    return len(list(objects.foreach()))


for path in sys.argv[1:]:
    print(f"{path}: {check(path)} objects")
