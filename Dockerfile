# fem_island with everything that it needs, for a user without rights, without a network or a display:
#
#     docker build -t fem-island .
#     docker run --rm -v "$PWD:/work" --user "$(id -u):$(id -g)" fem-island figure6
#
# docs/container.md has more; `make image-test` builds this file as it is and tries the result.
FROM debian:trixie-slim

LABEL org.opencontainers.image.title="fem_island" \
      org.opencontainers.image.description="Potential and current in anode-free solid-state cells with lithium islands" \
      org.opencontainers.image.licenses="MIT"

# A compiler with Python's headers, because a form that is not in the image is compiled at first use; the
# OpenGL and X libraries of VTK and Gmsh; tini, so that `docker stop` ends the command and not only its shell.
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        gcc libc6-dev python3-dev python3-venv tini \
        libgl1 libegl1 libglu1-mesa libxft2 libxcursor1 libxinerama1 libgomp1 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log

# The pinned packages are a layer of their own, kept as long as their lock file is the same: the versions of
# requirements.lock, without what only developers use, but with pytest for a checkout's tests.
COPY requirements-image.lock /tmp/
RUN python3 -m venv /opt/fem-island \
    && /opt/fem-island/bin/pip install --no-cache-dir --no-input --disable-pip-version-check \
        --require-hashes -r /tmp/requirements-image.lock \
    && rm /tmp/requirements-image.lock
ENV PATH=/opt/fem-island/bin:$PATH

COPY pyproject.toml README.md LICENSE /tmp/source/
COPY meshes /tmp/source/meshes
COPY fem_island /tmp/source/fem_island
RUN pip install --no-cache-dir --no-input --disable-pip-version-check --no-deps --no-build-isolation /tmp/source \
    && rm -r /tmp/source

# One thread per rank. Compiled forms and Matplotlib's list of fonts are found, and where the file system can be
# written kept, in a folder that is everybody's.
ENV OMP_NUM_THREADS=1 \
    XDG_CACHE_HOME=/var/cache/fem-island
COPY scripts/container/entry.sh /usr/local/bin/fem-island-entry
COPY scripts/container/fill_cache.sh /tmp/
RUN useradd --create-home --uid 1000 fem \
    && install -d -m 1777 -o fem "$XDG_CACHE_HOME" "$XDG_CACHE_HOME/fenics" "$XDG_CACHE_HOME/matplotlib" /work \
    && chmod 755 /usr/local/bin/fem-island-entry \
    && setpriv --reuid=fem --regid=fem --clear-groups env HOME=/home/fem sh /tmp/fill_cache.sh \
    && rm /tmp/fill_cache.sh

USER fem
WORKDIR /work
ENTRYPOINT ["tini", "--", "fem-island-entry"]
CMD ["--help"]
