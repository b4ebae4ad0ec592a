import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** KaTeX's styles name each font in three formats: every browser that draws WebGL takes the first. */
const oneFontFormat: Plugin = {
  name: 'one-font-format',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('katex.min.css')) return null;
    return code.replace(/,url\([^)]*\) ?format\("(woff|truetype)"\)/g, '');
  },
};

// One ES module with everything in it, styles and fonts too: a page that has it needs no other file.
export default defineConfig({
  plugins: [oneFontFormat, svelte({ compilerOptions: { css: 'injected' } })],
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: () => 'viewer.js' },
    rollupOptions: { output: { inlineDynamicImports: true } },
  },
  resolve: { conditions: ['browser'] },
  test: { include: ['tests/**/*.test.ts'] },
});
