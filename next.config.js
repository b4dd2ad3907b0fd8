/** @type {import('next').NextConfig} */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  // The build checks what it ships and leaves the project's own tsconfig.json alone. That one does not ask for unused names,
  // because Next's own generated types have some; `npm test` does.
  typescript: { tsconfigPath: 'app/tsconfig.json' },
};

export default config;
