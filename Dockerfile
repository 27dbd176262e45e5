# syntax=docker/dockerfile:1
# The image of everything that runs beside a cloud's database: PgBouncer, and the `howdah` command with PostgreSQL's own programs.
# components/kubernetes/kit/image.ts says what the pods expect of it; test/cli/image.test.ts compares the two.

# Node is a long-term release; pin its digest, too, where images are built for production.
ARG NODE=22.23.3-bookworm-slim

FROM node:${NODE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
# What is bundled needs no package's own script.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run --silent build
# The distribution's PgBouncer has no prepared statements in transaction pooling.
RUN node --import tsx setup/pgbouncer.ts /opt/pgbouncer

FROM node:${NODE}
# Major version of PostgreSQL's programs, howdah:kubernetes.imagePostgres. Debian 12 has 15; for another one, a base that has it.
ARG POSTGRES=15
# Packages of further extensions, such as postgresql-15-partman: a drill restores a dump only where its extensions are.
ARG EXTENSIONS=""
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# Without the first cluster that Debian makes: drills make their own.
# hadolint ignore=DL3008
RUN mkdir -p /etc/postgresql-common /usr/share/man/man1 /usr/share/man/man7 \
  && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
  && apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates libc-ares2 libevent-2.1-7 "postgresql-${POSTGRES}" "postgresql-client-${POSTGRES}" ${EXTENSIONS} \
  && rm -rf /var/lib/apt/lists/* /etc/ssl/private/ssl-cert-snakeoil.key /etc/ssl/certs/ssl-cert-snakeoil.pem \
  # Neither is run by anybody here.
  && rm -rf /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/corepack /usr/local/bin/npm /usr/local/bin/npx \
    /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-* \
  # PostgreSQL's programs look the user up.
  && groupadd --gid 10001 howdah \
  && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin howdah
COPY --from=build /opt/pgbouncer /usr/sbin/pgbouncer
COPY --from=build /src/.build/howdah.cjs /usr/local/bin/howdah
ENV NODE_ENV=production
USER 10001:10001
WORKDIR /
# PgBouncer lets transactions end at SIGINT; at SIGTERM it waits for clients to leave, however long. The command takes either.
STOPSIGNAL SIGINT
HEALTHCHECK NONE
ENTRYPOINT ["/usr/local/bin/howdah"]
