// `node bundle.js vite app.js` bundles a program of the current folder into `dist/<bundler>/` and prints the path of the bundle.

import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [, , bundler, program] = process.argv;
const entry = resolve(program);
const folder = resolve("dist", bundler);

/** The configuration of webpack, and of rspack, which is compatible. */
const webpackLike = {
  entry,
  mode: "production",
  target: "node20",
  output: { path: folder, filename: "bundle.cjs" },
};

const BUNDLERS = {
  async esbuild() {
    const { build } = await import("esbuild");
    const outfile = join(folder, "bundle.mjs");
    await build({ entryPoints: [entry], bundle: true, minify: true, format: "esm", outfile });
    return outfile;
  },
  // Bundles for browsers, without Node's modules.
  async vite() {
    const { build } = await import("vite");
    const rolldownOptions = { input: entry, output: { entryFileNames: "bundle.mjs" } };
    const options = { target: "es2022", outDir: folder, modulePreload: false, rolldownOptions };
    await build({ configFile: false, logLevel: "warn", build: options });
    return join(folder, "bundle.mjs");
  },
  async webpack() {
    const { default: webpack } = await import("webpack");
    return runWebpack(webpack(webpackLike));
  },
  async rspack() {
    const { rspack } = await import("@rspack/core");
    return runWebpack(rspack(webpackLike));
  },
  parcel: () => runParcel(),
};

console.log(await BUNDLERS[bundler]());

async function runWebpack(compiler) {
  const stats = await new Promise((done, fail) => compiler.run((error, stats) => (error ? fail(error) : done(stats))));
  if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
  await new Promise((done) => compiler.close(done));
  return join(folder, webpackLike.output.filename);
}

async function runParcel() {
  const { Parcel } = await import("@parcel/core");
  const bundle = new Parcel({
    entries: entry,
    defaultConfig: fileURLToPath(import.meta.resolve("@parcel/config-default")),
    mode: "production",
    shouldDisableCache: true,
    shouldAutoInstall: false,
    targets: {
      node: {
        distDir: folder,
        distEntry: "bundle.mjs",
        context: "node",
        engines: { node: ">=20" },
        outputFormat: "esmodule",
        isLibrary: false,
        includeNodeModules: true,
      },
    },
  });
  const { bundleGraph } = await bundle.run();
  return bundleGraph.getBundles()[0].filePath;
}
