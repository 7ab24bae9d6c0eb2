import { connectors } from "../../connectors/registry.ts";
import { channelTypes } from "../channels/registry.ts";
import { type OpenConfig, openConfig } from "../config/load.ts";
import { loadPlugins, type Plugins } from "../config/plugins.ts";

/** The plugins that come with Deskferry. */
export const ownPlugins = { channelTypes, connectors };

export interface Settings extends OpenConfig {
  plugins: Plugins;
}

/** Reads deskferry.yaml with the plugins that it names. Throws ConfigError with all that is wrong. */
export async function loadSettings(file: string): Promise<Settings> {
  const plugins = await loadPlugins(file, {
    channelTypes,
    connectors,
    import: (specifier) => import(specifier),
  });
  return { ...openConfig(file, plugins), plugins };
}
