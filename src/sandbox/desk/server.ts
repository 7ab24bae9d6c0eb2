import express from "express";
import { answerErrors } from "../control.ts";
import { type Listening, listen } from "../listen.ts";
import { compact } from "../read.ts";
import { deskApi } from "./desk-api.ts";
import { deskControl } from "./desk-control.ts";
import { createDeskWorld, type DeskOptions } from "./world.ts";

/**
 * Starts a small helpdesk that behaves as real ones do when it matters: it echoes our own writes, its look-up lags, it
 * can fail after it has written. The API lives under `/api`, staff and fault script under `/sandbox`.
 */
export async function startDesk(options: DeskOptions): Promise<Listening> {
  const world = createDeskWorld(options);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(express.json({ limit: "64mb" }));
  app.use(express.raw({ type: "multipart/form-data", limit: "160mb" }));
  app.use("/sandbox", deskControl(world));
  app.use("/api", deskApi(world));
  app.use(answerErrors);
  const listening = await listen(app, compact({ port: options.port, host: options.host }));
  return {
    url: listening.url,
    async stop() {
      world.sender.stop();
      await listening.stop();
      await world.journal.close();
    },
  };
}
