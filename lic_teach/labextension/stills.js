// A notebook opened again shows its figures as pictures, until they are run again.
//
// A figure that moves lives in the kernel. While that is not there, ipywidgets has a sentence in
// its place ("Loading widget...", "Error displaying widget: model not found"), though the notebook
// holds a picture of it as well. Here that is shown instead: the best of what else the output
// holds. Nothing in the file changes, and a page that is loaded again beside a living kernel gets
// its figures back.
//
// JupyterLab loads this file as it loads every prebuilt extension, by the name in package.json, from
// share/jupyter/labextensions. The tests take it from here; after a change, pip install -e . again.

(() => {
  const WIDGET = "application/vnd.jupyter.widget-view+json";

  function withStill(renderer, rendermime) {
    const render = renderer.renderModel.bind(renderer);
    renderer.renderModel = async (model) => {
      const live = render(model); // waits for the kernel, for ever where there is none
      const { [WIDGET]: _, ...others } = model.data;
      const kind = rendermime.preferredMimeType(others, model.trusted ? "any" : "ensure");
      if (!kind) return live;
      const still = rendermime.createRenderer(kind);
      await still.renderModel(model);
      const show = () => renderer.widgets.length || renderer.node.replaceChildren(still.node);
      show();
      await live;
      show(); // where ipywidgets has found no figure, and has said so
    };
    return renderer;
  }

  const plugin = {
    id: "lic-teach:stills",
    description: "A saved figure whose kernel is gone shows its still picture.",
    autoStart: true,
    activate: (app) => {
      app.docRegistry.addWidgetExtension("Notebook", {
        createNew: ({ content: { rendermime } }) => {
          const create = rendermime.createRenderer.bind(rendermime);
          rendermime.createRenderer = (kind) =>
            kind === WIDGET ? withStill(create(kind), rendermime) : create(kind);
        },
      });
    },
  };

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB["lic-teach"] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
