import { readdirSync, readFileSync } from 'node:fs';
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

/** The licences of what the module contains, as they ask for it. */
function licences(): string {
  const names = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies);
  const texts = names.map((name) => {
    const file = readdirSync(`node_modules/${name}`).find((each) => /^licen[cs]e/i.test(each));
    return `${name}\n\n${readFileSync(`node_modules/${name}/${file}`, 'utf8').trim()}`;
  });
  return `/*! This module of koubai contains:\n\n${texts.join('\n\n')}\n*/`;
}

// One ES module with everything in it, styles and fonts too: a page that has it needs no other file.
// The viewer, or in the mode "play" the playground, which has the viewer in it.
export default defineConfig(({ mode }) => {
  const [input, file] =
    mode === 'play' ? ['src/play.ts', 'play.js'] : ['src/index.ts', 'viewer.js'];
  return {
    plugins: [oneFontFormat, svelte({ compilerOptions: { css: 'injected' } })],
    build: {
      target: 'es2022',
      outDir: 'dist',
      emptyOutDir: mode !== 'play',
      assetsInlineLimit: Number.MAX_SAFE_INTEGER,
      chunkSizeWarningLimit: 2500,
      modulePreload: false,
      rollupOptions: {
        input,
        preserveEntrySignatures: 'exports-only',
        output: { entryFileNames: file, codeSplitting: false, postBanner: licences() },
      },
    },
    resolve: { conditions: ['browser'] },
    test: { include: ['tests/**/*.test.ts'] },
  };
});
