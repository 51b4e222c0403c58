/** @type {import("next").NextConfig} */
export default {
  distDir: "dist",
  // Without it, Next.js takes a folder further up for the app's.
  turbopack: { root: import.meta.dirname },
};
