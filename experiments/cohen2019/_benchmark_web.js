// The peer of `_benchmark_web.py`: TensorFlow.js runs the same frozen graph, and differentiates it by itself.

let parts;

self.prepare = async (size) => {
  tf.wasm.setWasmPaths("/");
  await tf.setBackend("wasm");
  await tf.ready();
  const model = await tf.loadGraphModel("model.json");
  const logits = (image) => model.execute({ [model.inputs[0].name]: image }, model.outputs[0].name);
  const image = tf.randomUniform([1, size, size], 0, 255, "float32", 0);
  parts = { image, classify: logits, explain: tf.grad((pixels) => logits(pixels).sum()) };
  await time(); // warm
};

self.time = async () => {
  const seconds = {};
  for (const step of ["classify", "explain"]) {
    const began = performance.now();
    await parts[step](parts.image).data();
    seconds[step] = (performance.now() - began) / 1e3;
  }
  return seconds;
};
