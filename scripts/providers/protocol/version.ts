declare const __PLUGIN_VERSION__: string | undefined;

/** The version that the bundle was built for (see build.mjs). */
export const pluginVersion =
  typeof __PLUGIN_VERSION__ === "undefined" ? "0.0.0" : __PLUGIN_VERSION__;
