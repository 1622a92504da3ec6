"""Writes the models of this folder: python make_models.py, with torch, onnx and onnxscript installed (see README.md)."""

import os
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

warnings.filterwarnings("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
IR_VERSION = 10


def out(name):
    return os.path.join(HERE, name)


def save(model, name):
    onnx.checker.check_model(model)
    with open(out(name), "wb") as file:
        file.write(model.SerializeToString())


class Network(torch.nn.Module):
    """The network of examples/ingredients, which takes U8 images."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = torch.nn.Conv2d(16, 32, 3, padding=1)
        self.fc1 = torch.nn.Linear(1568, 48)
        self.fc2 = torch.nn.Linear(48, 10)

    def forward(self, x):
        relu, pool = torch.relu, torch.nn.functional.max_pool2d
        x = pool(relu(self.conv1((x.float() / 255 - self.mean) / self.std)), 2)
        x = pool(relu(self.conv2(x)), 2)
        return self.fc2(relu(self.fc1(x.flatten(1))))


def network():
    module = torch.jit.load(os.path.join(HERE, "..", "evaluate", "model.torchscript.pt"))
    constants = module.code_with_constants[1].const_mapping
    net = Network()
    assert float(constants["c0"]) == 255
    net.mean, net.std = float(constants["c1"]), float(constants["c2"])
    net.load_state_dict({name.removeprefix("net."): value for name, value in module.state_dict().items()})
    images = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    torch.onnx.export(net, (images,), out("network.onnx"), dynamo=False, input_names=["images"],
                      output_names=["logits"], dynamic_axes={"images": {0: "n"}, "logits": {0: "n"}})


class Small(torch.nn.Module):
    """A linear layer on three dimensions, which an export turns into a product with a weight of a new name."""

    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.fc = torch.nn.Linear(4, 3)
        self.head = torch.nn.Linear(3, 3)
        self.scale = torch.nn.Parameter(torch.randn(1))

    def forward(self, x):
        return self.head(torch.relu(self.fc(x))) * self.scale


def renumbered(model, by):
    """As another version of the exporter numbers the values that have no name."""
    def name(text):
        head, _, number = text.rpartition("_")
        return f"{head}_{int(number) + by}" if "::" in head and number.isdigit() else text

    for value in model.graph.initializer:
        value.name = name(value.name)
    for node in model.graph.node:
        node.input[:] = [name(text) for text in node.input]
        node.output[:] = [name(text) for text in node.output]
        node.name = "a/" + node.name
    return model


def exports():
    x = torch.zeros(2, 5, 4)
    for k, name in enumerate(["export_a.onnx", "export_b.onnx"]):
        torch.onnx.export(Small(k), (x,), out(name), dynamo=False, input_names=["x"], output_names=["y"])
    save(renumbered(onnx.load(out("export_b.onnx")), 14), "export_b.onnx")
    for k, name in enumerate(["dynamo_a.onnx", "dynamo_b.onnx"]):
        torch.onnx.export(Small(k), (x,), out(name), dynamo=True, external_data=False, input_names=["x"],
                          output_names=["y"], verbose=False)
    # Values apart from the graph, in one file and in one for each tensor.
    for k, name in enumerate(["external_a.onnx", "external_b.onnx"]):
        model = onnx.load(out("export_a.onnx"))
        for value in model.graph.initializer:
            values = numpy_helper.to_array(value) + np.float32(k)
            value.CopyFrom(numpy_helper.from_array(values, value.name))
        if os.path.exists(out(name + ".data")):
            os.remove(out(name + ".data"))
        onnx.save_model(model, out(name), save_as_external_data=True, all_tensors_to_one_file=True,
                        location=name + ".data", size_threshold=0)


def typed(name, kind, shape, values):
    """A tensor whose values are listed one by one."""
    return helper.make_tensor(name, kind, shape, values)


def raw(name, kind, shape, data):
    return helper.make_tensor(name, kind, shape, data, raw=True)


def types(add):
    """Every type, in raw_data and one by one; float values are plus ``add``."""
    floats = [0.5 + add, -1.25 + add, 2.0 + add, 1.0 + add, 0.0 + add, -3.0 + add]
    tensors = []
    for label, kind in sorted(TensorProto.DataType.items()):
        if label in ("UNDEFINED", "STRING") or label.endswith("FNUZ") or label.startswith("FLOAT6"):
            continue
        integer = "INT" in label or label == "BOOL"
        values = [1, 0, 1, 1, 0, 1] if integer else [1.0] * 6 if label[:6] in ("FLOAT4", "COMPLE") or label == "FLOAT8E8M0" else floats
        try:
            listed = typed("listed." + label, kind, [2, 3], values)
        except Exception as failure:
            print("not listed:", label, failure)
            continue
        tensors.append(listed)
        array = numpy_helper.to_array(listed)
        again = numpy_helper.from_array(array, "raw." + label)
        assert again.data_type == kind, label
        tensors.append(again)
    tensors.append(typed("strings", TensorProto.STRING, [2], [b"a", b"bc"]))
    tensors.append(typed("scalar", TensorProto.FLOAT, [], [3.5]))
    tensors.append(raw("empty", TensorProto.FLOAT, [0, 4], b""))
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 3])
    graph = helper.make_graph([helper.make_node("Add", ["x", "raw.FLOAT"], ["y"])], "types", [x], [y], tensors)
    model = helper.make_model(graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", 21)])
    helper.set_model_props(model, {"author": "Stockpot", "soup.yaml": "of another soup"})
    return model


def inner(seed):
    """Initializers of the graphs in a node, a constant, a mask, a function, and sums that show each of them."""
    random = np.random.default_rng(seed)

    def floats(name, *shape):
        return numpy_helper.from_array(random.standard_normal(shape).astype(np.float32), name)

    value = helper.make_tensor_value_info
    branches = []
    for label in ("then", "else"):
        node = helper.make_node("Mul", ["x", "w"], [label])
        branches.append(helper.make_graph([node], label, [], [value(label, TensorProto.FLOAT, [3])],
                                          [floats("w", 3)]))
    mask = np.array([0, -np.inf, 0], dtype=np.float32)
    nodes = [
        helper.make_node("If", ["flag"], ["chosen"], name="choice", then_branch=branches[0], else_branch=branches[1]),
        helper.make_node("Constant", [], ["bias"], value=floats("", 3)),
        helper.make_node("Constant", [], ["whole"], value=numpy_helper.from_array(np.array([3]), "")),
        helper.make_node("Add", ["chosen", "bias"], ["sum"]),
        helper.make_node("shift", ["sum"], ["shifted"], domain="local"),
        helper.make_node("Add", ["shifted", "mask"], ["y"]),
    ]
    shift = helper.make_function("local", "shift", ["a"], ["b"], [
        helper.make_node("Constant", [], ["by"], value=floats("", 3)), helper.make_node("Add", ["a", "by"], ["b"])],
        [helper.make_opsetid("", 21)])
    graph = helper.make_graph(nodes, "inner", [value("x", TensorProto.FLOAT, [3]), value("flag", TensorProto.BOOL, [])],
                              [value("y", TensorProto.FLOAT, [3])], [numpy_helper.from_array(mask, "mask")])
    return helper.make_model(graph, functions=[shift], ir_version=IR_VERSION,
                             opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("local", 1)])


def quantised():
    value = helper.make_tensor_value_info
    weights = numpy_helper.from_array(np.arange(-4, 4, dtype=np.int8).reshape(2, 4), "w")
    scale = numpy_helper.from_array(np.float32(0.5), "scale")
    nodes = [helper.make_node("DequantizeLinear", ["w", "scale"], ["dequantised"]),
             helper.make_node("MatMul", ["x", "dequantised"], ["y"])]
    graph = helper.make_graph(nodes, "quantised", [value("x", TensorProto.FLOAT, [1, 2])],
                              [value("y", TensorProto.FLOAT, [1, 4])], [weights, scale])
    return helper.make_model(graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", 21)])


def sparse():
    value = helper.make_tensor_value_info
    values = typed("w", TensorProto.FLOAT, [2], [1.0, 2.0])
    tensor = helper.make_sparse_tensor(values, typed("", TensorProto.INT64, [2], [1, 3]), [4])
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "sparse",
                              [value("x", TensorProto.FLOAT, [4])], [value("y", TensorProto.FLOAT, [4])],
                              sparse_initializer=[tensor])
    return helper.make_model(graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", 21)])


def scored(batch, inputs, name):
    """Logits of a linear layer whose weight is transposed in the graph, which a runtime does beforehand."""
    random = np.random.default_rng(3)
    value = helper.make_tensor_value_info
    weight = numpy_helper.from_array(random.standard_normal((6, 64)).astype(np.float32), "fc.weight")
    bias = numpy_helper.from_array(random.standard_normal(6).astype(np.float32), "fc.bias")
    nodes = [helper.make_node("Transpose", ["fc.weight"], ["transposed"], perm=[1, 0]),
             helper.make_node("MatMul", ["x", "transposed"], ["hidden"]),
             helper.make_node("Constant", [], ["two"], value=numpy_helper.from_array(np.float32(2), "")),
             helper.make_node("Mul", ["fc.bias", "two"], ["twice"]),
             helper.make_node("Add", ["hidden", "twice"], ["sum"]),
             helper.make_node("Add", ["sum", "shift"], ["logits"]) if "shift" in inputs
             else helper.make_node("Identity", ["sum"], ["logits"])]
    sizes = {"x": 64, "shift": 6}
    outputs = ["hidden", "logits"] if "shift" in inputs else ["logits"]
    graph = helper.make_graph(nodes, "scored", [value(i, TensorProto.FLOAT, [batch, sizes[i]]) for i in inputs],
                              [value(o, TensorProto.FLOAT, [batch, 6]) for o in outputs], [weight, bias])
    save(helper.make_model(graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", 21)]), name)


network()
exports()
scored("n", ["x", "shift"], "two_inputs.onnx")
scored(4, ["x"], "batch_of_four.onnx")
save(types(0), "types_a.onnx")
save(types(2), "types_b.onnx")
save(inner(1), "inner_a.onnx")
save(inner(2), "inner_b.onnx")
save(quantised(), "quantised.onnx")
save(sparse(), "sparse.onnx")
