# Stage 1: everything, to compile.
FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.mjs scripts/playground-page.mjs scripts/
COPY src src
COPY connectors connectors
RUN npm run build

# Stage 2: only what runs.
FROM node:24-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:24-trixie-slim
LABEL org.opencontainers.image.title="Deskferry" \
      org.opencontainers.image.description="Wires WhatsApp to the CRM or helpdesk an organisation already has, both ways." \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY mappings mappings
# The image's own user, id 1000, without rights on /app.
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Exec form: node is process 1 and gets SIGTERM itself; no shell and no npm between.
ENTRYPOINT ["node", "/app/dist/src/main.js"]
CMD ["run"]
