/** @type {import('next').NextConfig} */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  // The build checks what it ships and leaves the project's own tsconfig.json alone.
  typescript: { tsconfigPath: 'app/tsconfig.json' },
};

export default config;
