import { spawnSync } from "node:child_process";
import net from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { until } from "../support/until.ts";
import { useLoneIntake } from "./lone-intake.ts";
import { createSender } from "./signed-webhooks.ts";

const ended: string[] = [];
const intake = useLoneIntake(`descriptors-${process.pid}`, { onEnd: (how) => void ended.push(how) });

const MOST_FILES = 256;
const CONNECTIONS = 400;

/** Whether prlimit (util-linux) has set how many files a process may open. */
function limitFiles(pid: number): boolean {
  return spawnSync("prlimit", ["--pid", `${pid}`, `--nofile=${MOST_FILES}:${MOST_FILES}`]).status === 0;
}

/** Opens a connection and holds it, until the server hangs up. */
function hold(port: number): { socket: net.Socket; isOpen(): boolean } {
  let isOpen = false;
  const socket = net.connect(port, "127.0.0.1", () => {
    isOpen = true;
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    isOpen = false;
  });
  return { socket, isOpen: () => isOpen };
}

it("O10: an intake out of file descriptors goes on for who is connected, and takes others again once there are some", async ({
  skip,
}) => {
  skip(process.platform !== "linux", "prlimit is of Linux");
  const { port, address, sender, process: ours } = intake();
  expect(await sender.deliver()).toMatchObject({ status: 200 });

  expect(limitFiles(ours.pid)).toBe(true);
  const held = Array.from({ length: CONNECTIONS }, () => hold(port));
  await until("connections to be turned away", () => held.filter(({ isOpen }) => !isOpen()).length > 100);
  expect(await sender.deliver()).toMatchObject({ status: 200 });

  for (const { socket } of held) socket.destroy();
  const later = createSender(port, address);
  onTestFinished(() => later.stop());
  await until("a new connection", async () => (await later.deliver()).status === 200);
  expect(ended).toEqual([]);
});
