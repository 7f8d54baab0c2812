// The rows of `dotnet run -c Release -- tokenizer TEXTS` by the Rust library of huggingface/tokenizers on one thread, for comparison:
//   npm install --prefix FOLDER tokenizers
//   NODE_PATH=FOLDER/node_modules RAYON_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false node huggingface.cjs tokenizer.json TEXTS
// where TEXTS is the folder that the benchmark wrote. Times are medians of five runs, or of one where a run takes over five seconds.
const { Tokenizer } = require('tokenizers');
const fs = require('fs');
const path = require('path');

const [, , file, folder] = process.argv;
const now = () => Number(process.hrtime.bigint()) / 1e6;
const processor = () => { const usage = process.cpuUsage(); return (usage.user + usage.system) / 1e3; };

async function measure(what, megabytes, body) {
  const times = [];
  const processorStart = processor();
  do {
    const start = now();
    await body();
    times.push(now() - start);
  } while (times.length < 5 && times[0] < 5000);
  times.sort((a, b) => a - b);
  const median = times[times.length >> 1];
  const used = (processor() - processorStart) / times.length;
  console.log(`${what.padEnd(48)} ${median.toFixed(3).padStart(10)} ms ${(megabytes * 1e3 / median).toFixed(1).padStart(10)} MB/s   cpu ${used.toFixed(3).padStart(10)} ms ${(megabytes * 1e3 / used).toFixed(1).padStart(10)} MB/s`);
}

(async () => {
  await measure('load', 0, () => Tokenizer.fromFile(file));
  const tokenizer = Tokenizer.fromFile(file);
  const encode = text => tokenizer.encode(text, null, { addSpecialTokens: false });
  for (const name of fs.readdirSync(folder).sort((a, b) => (b === 'mixed.txt') - (a === 'mixed.txt') || a.localeCompare(b))) {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    const megabytes = Buffer.byteLength(text) / 1e6;
    await measure(name, megabytes, () => encode(text));
    if (name === 'mixed.txt') {
      const documents = text.match(/[^]{1,2000}/g);
      await measure(`${name}, ${documents.length} strings`, megabytes, async () => {
        for (const document of documents) await encode(document);
      });
      const ids = (await encode(text)).getIds();
      await measure(`decode ${ids.length} tokens`, megabytes, () => tokenizer.decode(ids, true));
    }
  }
})();
