import express from "express";
import { answerErrors } from "../control.ts";
import { type Listening, listen } from "../listen.ts";
import { compact } from "../read.ts";
import { graphApi } from "./graph-api.ts";
import { graphControl } from "./graph-control.ts";
import type { GraphOptions } from "./settings.ts";
import { closeWorld, createWorld } from "./world.ts";

/** Room for an album of ten photos of 5 MB, in base64. */
const MAX_BODY = "96mb";

/**
 * Starts an emulator of Meta's Graph API for WhatsApp. Graph addresses live under `/v26.0/…` (any version), the person
 * side under `/sandbox/…`. Everything is kept in memory.
 */
export async function startGraph(options: GraphOptions): Promise<Listening> {
  const world = createWorld(options);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(express.json({ limit: MAX_BODY }));
  app.use(express.raw({ type: "multipart/form-data", limit: "160mb" }));
  app.use("/sandbox", graphControl(world));
  app.use(graphApi(world));
  app.use(answerErrors);
  const listening = await listen(app, compact({ port: options.port, host: options.host }));
  world.baseUrl = listening.url;
  return {
    url: listening.url,
    async stop() {
      await closeWorld(world);
      await listening.stop();
    },
  };
}
