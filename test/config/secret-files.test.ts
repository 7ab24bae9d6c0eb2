import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { ConfigError } from "../../src/config/errors.ts";
import { openConfig } from "../../src/config/load.ts";
import { createSecretFiles } from "../../src/config/secret-files.ts";
import { defineChannel, defineConnector, secret } from "../../src/sdk/index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deskferry-secrets-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function opened(...paths: string[]) {
  const files = createSecretFiles();
  for (const path of paths) files.add(path);
  return files;
}

/** What the next looks say, one after the other. */
async function looks(files: ReturnType<typeof createSecretFiles>, count: number): Promise<boolean[]> {
  const said: boolean[] = [];
  for (let look = 0; look < count; look++) said.push(await files.haveChanged());
  return said;
}

describe("secret files", () => {
  it("have changed once another content was there at two looks, and then not again", async () => {
    const token = write("token", "one");
    const files = opened(token, write("other", "same"));
    expect(await looks(files, 2)).toEqual([false, false]);
    writeFileSync(token, "two");
    expect(await looks(files, 4)).toEqual([false, true, false, false]);
  });

  it("are not taken while they are being written", async () => {
    const token = write("token", "one");
    const files = opened(token);
    for (const half of ["", "t", "tw"]) {
      writeFileSync(token, half);
      expect(await looks(files, 1)).toEqual([false]);
    }
    writeFileSync(token, "two");
    expect(await looks(files, 2)).toEqual([false, true]);
  });

  it("that were written but say the same have not changed, nor has what went there and back between looks", async () => {
    const token = write("token", "one");
    const files = opened(token);
    writeFileSync(token, "one");
    expect(await looks(files, 2)).toEqual([false, false]);
    writeFileSync(token, "two");
    expect(await looks(files, 1)).toEqual([false]);
    writeFileSync(token, "one");
    expect(await looks(files, 3)).toEqual([false, false, false]);
  });

  it("have changed when Kubernetes swaps the link to their folder", async () => {
    const version = (name: string, text: string) => {
      mkdirSync(join(folder, name));
      write(`${name}/token`, text);
    };
    version("..v1", "one");
    version("..v2", "two");
    symlinkSync("..v1", join(folder, "..data"));
    symlinkSync("..data/token", join(folder, "token"));
    const files = opened(join(folder, "token"));
    symlinkSync("..v2", join(folder, "..tmp"));
    renameSync(join(folder, "..tmp"), join(folder, "..data"));
    expect(await looks(files, 3)).toEqual([false, true, false]);
  });

  it("have changed, once, when one is gone, and once more when it is back", async () => {
    const token = write("token", "one");
    const files = opened(token);
    unlinkSync(token);
    expect(await looks(files, 4)).toEqual([false, true, false, false]);
    write("token", "one");
    expect(await looks(files, 3)).toEqual([false, true, false]);
  });
});

describe("settings that are in use", () => {
  const type = defineChannel({
    name: "phone",
    label: "Phone",
    config: z.strictObject({ token: secret("Token").min(3, "at least 3") }),
    parse: () => ({ events: [], quarantined: [] }),
    create: () => ({ accountId: "1", verify: () => false, send: fail, fetchMedia: fail }),
  });
  const fail = () => Promise.reject(new Error("not here"));
  const desk = defineConnector({
    name: "desk",
    label: "Desk",
    config: z.strictObject({}),
    create: () => {
      throw new Error("not here");
    },
  });
  const mapping = fileURLToPath(new URL("../../mappings/sandbox", import.meta.url));
  const yaml = [
    `redis: { url: "redis://127.0.0.1:6379" }`,
    `channels: { city: { type: phone, token: "\${TOKEN}" } }`,
    "connections: { desk: { use: desk } }",
    `routes: [{ channel: city, connection: desk, mapping: "${mapping}" }]`,
  ].join("\n");
  const open = () => {
    const TOKEN_FILE = write("token", "canary-one\n");
    const plugins = { channelTypes: { phone: type }, connectors: { desk } };
    return openConfig(write("deskferry.yaml", yaml), plugins, { TOKEN_FILE });
  };
  const tokenOf = ({ channels }: { channels: Record<string, { settings: unknown }> }) =>
    channels["city"]?.settings;

  it("are read again with the new secret, and with nothing else that was changed since the start", () => {
    const { config, secretFiles, reload } = open();
    expect(secretFiles.paths()).toEqual([join(folder, "token")]);
    expect(tokenOf(config)).toEqual({ token: "canary-one" });
    write("token", "canary-two\n");
    write("deskferry.yaml", "half an edit: [");
    expect(reload()).toEqual({
      ...config,
      channels: { city: { type: "phone", settings: { token: "canary-two" } } },
    });
  });

  it.each([
    ["empty", ""],
    ["against the schema", "cn"],
  ])("P31: refuse a secret that is %s, without quoting it", (_how, text) => {
    const { reload } = open();
    write("token", text);
    const error = (() => {
      try {
        return reload();
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(ConfigError);
    expect(JSON.stringify(error)).toContain("channels.city.token");
    if (text) expect(JSON.stringify((error as ConfigError).problems)).not.toContain(`"${text}"`);
  });
});
