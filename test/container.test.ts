import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { loadSettings } from "../src/app/settings.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (name: string) => readFileSync(join(root, name), "utf8");

interface Instruction {
  name: string;
  text: string;
}

interface Stage {
  from: string;
  alias: string | undefined;
  instructions: Instruction[];
}

/** Stages of the Dockerfile, their continued lines joined. */
function readStages(): Stage[] {
  const lines = read("Dockerfile")
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n\s*/g, "")
    .split("\n");
  const stages: Stage[] = [];
  for (const line of lines.filter((one) => one.trim() !== "")) {
    const [, name = "", text = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    const [, from = "", alias] = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(text) ?? [];
    if (name === "FROM") stages.push({ from, alias, instructions: [] });
    else stages.at(-1)?.instructions.push({ name, text });
  }
  return stages;
}

const stages = readStages();
const [build] = stages;
const final = stages.at(-1);

function all(stage: Stage | undefined, name: string): string[] {
  return (stage?.instructions ?? []).filter((one) => one.name === name).map((one) => one.text);
}

/** Sources and target of COPY lines that take from this repository. */
function copiedFromHere(stage: Stage | undefined): { sources: string[]; target: string }[] {
  return all(stage, "COPY")
    .filter((text) => !text.startsWith("--from"))
    .map((text) => text.split(/\s+/))
    .map((words) => ({ sources: words.slice(0, -1), target: words.at(-1) ?? "" }));
}

describe("the Dockerfile", () => {
  test("builds on the current LTS of Node, slim, the same in every stage", () => {
    expect(stages.length).toBeGreaterThanOrEqual(2);
    expect(new Set(stages.map(({ from }) => from))).toEqual(new Set(["node:24-trixie-slim"]));
  });

  test("runs as a user without rights, in production mode, node itself as process 1", () => {
    expect(all(final, "USER")).toEqual(["node"]);
    expect(all(final, "ENV")).toContain("NODE_ENV=production");
    const entry = JSON.parse(all(final, "ENTRYPOINT")[0] ?? "[]") as string[];
    expect(entry).toEqual(["node", "/app/dist/src/main.js"]);
    expect(JSON.parse(all(final, "CMD")[0] ?? "[]")).toEqual(["run"]);
  });

  test("checks health without a shell, and the check works", async () => {
    const [health = ""] = all(final, "HEALTHCHECK");
    const command = JSON.parse(health.slice(health.indexOf("["))) as string[];
    expect(command[0]).toBe("node");
    const script = command[2] ?? "";
    const nobodyThere = spawnSync(process.execPath, ["-e", script.replace(":8080/", ":9/")], {
      timeout: 10_000,
    });
    expect(nobodyThere.status).toBe(1);
    const answering = `
      require("node:http").createServer((request, response) => {
        response.statusCode = request.url === "/health/live" ? 200 : 404;
        response.end();
      }).listen(0, "127.0.0.1", function () { ${script.replaceAll("'http://127.0.0.1:8080", "'http://127.0.0.1:' + this.address().port + '")} });`;
    expect(spawnSync(process.execPath, ["-e", answering], { timeout: 10_000 }).status).toBe(0);
  });

  test("ships production dependencies only, installed from the lock file", () => {
    const [modules] = all(final, "COPY").filter((text) => text.includes("node_modules"));
    const source = stages.find(({ alias }) => modules?.startsWith(`--from=${alias} `));
    expect(all(source, "RUN")).toEqual(["npm ci --omit=dev"]);
    expect(all(final, "RUN")).toEqual([]);
  });

  test("copies only what exists and what .dockerignore lets through", () => {
    const allowed = read(".dockerignore").split("\n");
    expect(allowed).toContain("*");
    for (const stage of stages) {
      for (const source of copiedFromHere(stage).flatMap(({ sources }) => sources)) {
        expect(existsSync(join(root, source)), source).toBe(true);
        expect(allowed, source).toContain(`!${source}`);
      }
    }
  });
});

describe("what the Dockerfile copies", () => {
  const folder = mkdtempSync(join(tmpdir(), "deskferry-image-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is enough to build and to start", { timeout: 60_000 }, () => {
    for (const { sources, target } of copiedFromHere(build)) {
      for (const source of sources) {
        const isFolder = target.endsWith("/");
        const place = isFolder
          ? join(folder, target, source.slice(source.lastIndexOf("/") + 1))
          : join(folder, target);
        cpSync(join(root, source), place, { recursive: true });
      }
    }
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const built = spawnSync("npm", ["run", "--silent", "build"], { cwd: folder, encoding: "utf8" });
    expect(built.stdout + built.stderr).toMatch(/build: dist\/ and \d+ files/);
    // What the last stage has: no sources, no scripts.
    for (const gone of ["src", "connectors", "scripts", "tsconfig.json"])
      rmSync(join(folder, gone), { recursive: true });
    const help = spawnSync(process.execPath, [join(folder, "dist/src/main.js"), "--help"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(help.stderr).toBe("");
    expect(help.stdout).toMatch(/Usage: deskferry/);
    expect(help.status).toBe(0);
  });
});

interface Compose {
  services: Record<string, Record<string, unknown>>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, unknown>;
}

describe("compose.yaml", () => {
  const { services, secrets, volumes } = parse(read("compose.yaml")) as Compose;
  const app = services["deskferry"] ?? {};
  const redis = services["redis"] ?? {};

  test("gives Redis what start-up demands, on a volume", () => {
    const command = (redis["command"] as string[]).join(" ");
    expect(command).toContain("--appendonly yes");
    expect(command).toContain("--appendfsync always");
    expect(command).toContain("--maxmemory-policy noeviction");
    expect(redis["image"]).toMatch(/^redis:7/);
    expect(redis["volumes"]).toEqual(["redis:/data"]);
    expect(redis["ports"], "Redis is not reachable from outside").toBeUndefined();
    expect((redis["healthcheck"] as { test: string[] }).test).toEqual(["CMD", "redis-cli", "ping"]);
  });

  test("starts Deskferry once Redis is healthy, and lets it drain", () => {
    expect(app["depends_on"]).toEqual({ redis: { condition: "service_healthy" } });
    expect(Number.parseInt(app["stop_grace_period"] as string, 10)).toBeGreaterThan(10);
    expect(app["environment"]).toHaveProperty("REDIS_URL", "redis://redis:6379");
    expect(app["ports"]).toEqual(["127.0.0.1:8080:8080"]);
  });

  test("hands secrets over as files, each of which is declared and used", () => {
    const environment = app["environment"] as Record<string, string>;
    const files = Object.entries(environment).filter(([name]) => name.endsWith("_FILE"));
    expect(files.length).toBeGreaterThan(0);
    expect(files.map(([, path]) => path.replace("/run/secrets/", "")).sort()).toEqual(
      Object.keys(secrets).sort(),
    );
    expect(app["secrets"]).toEqual(Object.keys(secrets));
    const open = Object.entries(environment).filter(([name]) => !name.endsWith("_FILE"));
    expect(open.map(([name]) => name)).toEqual(["REDIS_URL"]);
    for (const { file } of Object.values(secrets)) expect(dirname(file)).toBe("./secrets");
    expect(read(".gitignore").split("\n")).toContain("secrets/");
  });

  test("leaves both without rights they do not need", () => {
    for (const service of [app, redis]) {
      expect(service["cap_drop"]).toEqual(["ALL"]);
      expect(service["security_opt"]).toEqual(["no-new-privileges:true"]);
      expect(service["privileged"]).toBeUndefined();
    }
    expect(app["read_only"]).toBe(true);
    expect(redis["user"]).toBe("redis");
  });

  test("declares every named volume", () => {
    const named = [app, redis]
      .flatMap((service) => (service["volumes"] as string[]).map((volume) => volume.split(":")[0] ?? ""))
      .filter((name) => !name.startsWith("."));
    expect(named.sort()).toEqual(Object.keys(volumes).sort());
  });
});

describe("the settings in docs/operate.md", () => {
  const folder = mkdtempSync(join(tmpdir(), "deskferry-operate-"));
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("are right, with the variables and secret files of compose.yaml", async () => {
    const [, settings = ""] = /```yaml\n([\s\S]*?)```/.exec(read("docs/operate.md")) ?? [];
    const { services } = parse(read("compose.yaml")) as Compose;
    for (const [name, value] of Object.entries(
      services["deskferry"]?.["environment"] as Record<string, string>,
    )) {
      const file = join(folder, name);
      writeFileSync(file, `content of ${name}\n`);
      vi.stubEnv(name, name.endsWith("_FILE") ? file : value);
    }
    writeFileSync(join(folder, "deskferry.yaml"), settings);
    symlinkSync(join(root, "mappings"), join(folder, "mappings"));
    const { config } = await loadSettings(join(folder, "deskferry.yaml"));
    expect(config.channels["city"]?.settings).toMatchObject({
      accessToken: "content of META_ACCESS_TOKEN_FILE",
    });
    expect(config.redis.url).toBe("redis://redis:6379");
    expect(config.server).toEqual({ host: "0.0.0.0", port: 8080, publicMetrics: false });
  });
});
