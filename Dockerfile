# Votum as a container: the assets and the packages are made in stages of their own; no build tool comes along.

FROM node:24-slim AS assets
WORKDIR /votum
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.13-slim AS packages
WORKDIR /votum
COPY requirements-uv.lock requirements.lock ./
RUN python -m pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements-uv.lock \
    && python -m venv --without-pip .venv \
    && uv pip install --no-cache --compile-bytecode --python .venv/bin/python \
        --require-hashes --only-binary :all: -r requirements.lock

FROM python:3.13-slim
RUN python -m pip uninstall --yes --root-user-action ignore pip \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin votum \
    && install --directory --owner votum --mode 700 /data
WORKDIR /votum
COPY --from=packages /votum/.venv .venv
COPY --from=assets /votum/node_modules node_modules
COPY . .
ENV OPENBLAS_NUM_THREADS=1 PATH="/votum/.venv/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=8000 VOTUM_DATA=/data
RUN python -m compileall -q app scoring migrations
USER votum
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
