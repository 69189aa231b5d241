// TensorFlow.js itself: node tfjs_oracle.cjs PACKAGES MODEL_FOLDER IMAGES COUNT SHAPE OUTPUT
// IMAGES holds COUNT float32 inputs of the SHAPE "1,3,224,224"; OUTPUT receives the answers one after the other.
const fs = require("fs");
const path = require("path");
const [packages, folder, images, count, shape, output] = process.argv.slice(2);
const load = (name) => require(path.join(packages, "node_modules", name));
const tf = load("@tensorflow/tfjs");
const wasm = load("@tensorflow/tfjs-backend-wasm");
wasm.setWasmPaths(path.join(packages, "node_modules/@tensorflow/tfjs-backend-wasm/dist/"));
// Node's fetch refuses files, which the WASM loader asks for.
const whole = (file) => { const b = fs.readFileSync(file); return b.buffer.slice(b.byteOffset, b.byteOffset + b.length); };

async function main() {
  await tf.setBackend(process.env.BACKEND || "wasm");
  await tf.ready();
  const json = JSON.parse(fs.readFileSync(path.join(folder, "model.json"), "utf-8"));
  const specs = json.weightsManifest.flatMap((group) => group.weights);
  const parts = json.weightsManifest.flatMap((group) => group.paths.map((name) => Buffer.from(whole(path.join(folder, name)))));
  const all = Buffer.concat(parts);
  const data = all.buffer.slice(all.byteOffset, all.byteOffset + all.length);
  const model = await tf.loadGraphModel({
    load: async () => ({ modelTopology: json.modelTopology, format: json.format, weightSpecs: specs, weightData: data }),
  });
  const values = new Float32Array(whole(images));
  const sides = shape.split(",").map(Number);
  const length = sides.reduce((a, b) => a * b);
  const answers = [];
  for (let i = 0; i < Number(count); i++) {
    const x = tf.tensor(values.slice(i * length, (i + 1) * length), sides);
    const start = Date.now();
    answers.push(...(await model.execute(x).data()));
    console.log(`${tf.getBackend()} ${Date.now() - start} ms`);
  }
  fs.writeFileSync(output, Buffer.from(new Float32Array(answers).buffer));
}
main().catch((error) => { console.error(error.message); process.exit(1); });
