# syntax=docker/dockerfile:1

# The models are part of the image: containers start without network and on a read-only file system, and an image's
# models are those its version was tested with. The price is 365 MB; a volume filled at first start would need neither.
FROM python:3.11-slim-bookworm AS build

# The index of PyTorch's CPU builds; empty: wherever pip looks by itself, which on x86-64 may bring CUDA libraries.
ARG TORCH_INDEX_URL=""

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/galacite/venv
ENV PATH=/opt/galacite/venv/bin:$PATH
WORKDIR /src

# Dependencies alone, so that a change of the source does not download them again.
COPY pyproject.toml ./
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
print(*p['dependencies'], *p['optional-dependencies']['server'], sep='\n')" > requirements.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    grep '^torch' requirements.txt > torch.txt \
    && pip install --requirement torch.txt ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} \
    && pip install --requirement requirements.txt

# Models next: they change less often than the rest.
COPY core/ core/
COPY model/ model/
RUN python -c "from pathlib import Path; from model.install import install_models; \
install_models(Path('/opt/galacite/models'))" \
    && chmod -R a+rX /opt/galacite/models

COPY README.md LICENSE ./
COPY indexer/ indexer/
COPY training/ training/
COPY app/ app/
COPY migrations/ migrations/
RUN --mount=type=cache,target=/root/.cache/pip pip install --no-deps .
COPY deploy/health.py /opt/galacite/health.py


FROM python:3.11-slim-bookworm

# Language data for scanned pages; the recognition itself is part of the PDF library.
ARG OCR_PACKAGES="tesseract-ocr-eng"
RUN if [ -n "$OCR_PACKAGES" ]; then \
        apt-get update && apt-get install --yes --no-install-recommends $OCR_PACKAGES && rm -rf /var/lib/apt/lists/*; \
    fi

RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin galacite \
    && install --directory --owner=galacite --group=galacite --mode=0750 /data
COPY --from=build /opt/galacite /opt/galacite

ENV PATH=/opt/galacite/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GALACITE_HOME=/data \
    GALACITE_MODELS=/opt/galacite/models

USER galacite
WORKDIR /data
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=4 CMD ["python", "/opt/galacite/health.py", "app"]
CMD ["galacite", "serve"]
