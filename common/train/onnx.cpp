// SPDX-License-Identifier: MIT
// A network as a graph of ONNX: each layer is an operator, and containers are how their inputs and outputs are named.
#include "common/train/onnx.hpp"

#include <fmt/format.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "common/core/check.hpp"
#include "common/io/file.hpp"
#include "common/nn/fold.hpp"
#include "common/nn/tree.hpp"

namespace cnn {
namespace {

using Names = std::vector<std::string>;

/// The options of a layer, as numbers.
class LayerOptions {
 public:
  explicit LayerOptions(nn::Spec spec) : spec_(std::move(spec)) {}

  const std::string& text(const std::string& name) const {
    for (const auto& [key, value] : spec_.options)
      if (key == name) return value;
    throw StateError("[onnx] " + spec_.kind + " does not say its " + name);
  }
  float number(const std::string& name) const { return std::stof(text(name)); }

  /// "5" or "5x3" \return height and width
  std::array<Index, 2> size(const std::string& name) const {
    const std::string& value = text(name);
    const std::size_t cross = value.find('x');
    const Index height = std::stoll(value);
    return {height, cross == std::string::npos ? height : std::stoll(value.substr(cross + 1))};
  }

 private:
  nn::Spec spec_;
};

/// Builds the graph, layer by layer. Every function takes the name of its input and returns that of its output.
class Graph {
 public:
  Graph(onnx::GraphProto& graph, bool folds) : graph_(graph), folds_(folds) {}

  std::string add(nn::Module& module, const std::string& name, const std::string& x) {
    const nn::Spec spec = module.spec();
    const std::string& kind = spec.kind;
    if (!module.children().empty() || kind == "Sequential") return add_container(module, kind, name, x);
    if (kind == "Conv2d" || kind == "Linear")
      return add_weighted(spec, name, with_parameters(module, name, x));
    if (kind == "Identity" || kind == "Dropout") return x;  // dropout drops nothing in evaluation
    const LayerOptions options(spec);
    if (kind == "MaxPool2d" || kind == "AvgPool2d") {
      onnx::NodeProto& node = add_node(kind == "MaxPool2d" ? "MaxPool" : "AveragePool", name, {x});
      set(node, "kernel_shape", options.size("kernel"));
      set_window(node, options);
      if (kind == "AvgPool2d") set(node, "count_include_pad", 1);  // as PyTorch counts
      return node.output(0);
    }
    if (nn::is_batch_norm(module)) {
      onnx::NodeProto& node = add_node("BatchNormalization", name, with_statistics(module, name, x));
      set(node, "epsilon", options.number("epsilon"));
      return node.output(0);
    }
    if (kind == "Flatten") {
      onnx::NodeProto& node = add_node(kind, name, {x});
      set(node, "axis", 1);
      return node.output(0);
    }
    if (kind == "ReLU") return add_node("Relu", name, {x}).output(0);
    if (kind == "Sigmoid") return add_node(kind, name, {x}).output(0);
    if (kind == "GlobalAvgPool2d") return add_node("GlobalAveragePool", name, {x}).output(0);
    throw UsageError("[onnx] the layer '" + name + "' is a " + kind +
                     ", for which there is no operator of ONNX here; add it to " + "common/train/onnx.cpp");
  }

 private:
  std::string add_container(nn::Module& module, const std::string& kind, const std::string& name,
                            const std::string& x) {
    if (kind != "Concat" && kind != "Residual") {  // one after the other; a wrapper has the kind of its layer
      std::string y = x;
      const std::vector<nn::NamedModule>& layers = module.children();
      for (std::size_t k = 0; k < layers.size(); ++k) {
        nn::Module& layer = *layers[k].module;
        const std::string layer_name = nn::join_names(name, layers[k].name);
        if (folds_ && k + 1 < layers.size() && nn::can_fold(layer, *layers[k + 1].module))
          y = add_weighted(layer.spec(), layer_name, with_folded(layer, *layers[++k].module, layer_name, y));
        else
          y = add(layer, layer_name, y);
      }
      return y;
    }
    Names ways;
    for (const nn::NamedModule& child : module.children())
      ways.push_back(add(*child.module, nn::join_names(name, child.name), x));
    onnx::NodeProto& node = add_node(kind == "Concat" ? "Concat" : "Add", nn::join_names(name, kind), ways);
    if (kind == "Concat") set(node, "axis", 1);
    return node.output(0);
  }

  /// A convolution or a linear layer.
  std::string add_weighted(const nn::Spec& spec, const std::string& name, const Names& inputs) {
    if (spec.kind == "Linear") {
      onnx::NodeProto& node = add_node("Gemm", name, inputs);
      set(node, "transB", 1);  // the weight is [outputs, inputs]
      return node.output(0);
    }
    const LayerOptions options(spec);
    onnx::NodeProto& node = add_node("Conv", name, inputs);
    set(node, "kernel_shape", options.size("kernel"));
    set_window(node, options);
    return node.output(0);
  }

  /// An operator; its output has its name, or that with a number where blocks have no names of their own.
  onnx::NodeProto& add_node(const std::string& operation, const std::string& name, const Names& inputs) {
    onnx::NodeProto& node = *graph_.add_node();
    node.set_op_type(operation);
    node.set_name(fmt::format("{}#{}", name, graph_.node_size()));
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(node.name());
    return node;
  }

  std::string add_tensor(const std::string& name, const Tensor& value) {
    onnx::TensorProto& tensor = *graph_.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const Index size : value.shape()) tensor.add_dims(size);
    const Tensor host = value.to({});
    tensor.set_raw_data(host.bytes(), static_cast<std::size_t>(host.size()) * sizeof(float));
    return name;
  }

  Names with_parameters(nn::Module& layer, const std::string& name, const std::string& x) {
    Names inputs{x};
    for (const nn::Parameter* p : layer.own_parameters())
      inputs.push_back(add_tensor(nn::join_names(name, p->name), p->value));
    return inputs;
  }

  /// Of a layer with the normalization behind it.
  Names with_folded(nn::Module& layer, nn::Module& norm, const std::string& name, const std::string& x) {
    const nn::Folded folded = nn::fold_batch_norm(layer, norm);
    return {x, add_tensor(nn::join_names(name, "weight"), folded.weight),
            add_tensor(nn::join_names(name, "bias"), folded.bias)};
  }

  /// Of a batch normalization: scale, shift, mean, variance, each a number a channel.
  Names with_statistics(nn::Module& layer, const std::string& name, const std::string& x) {
    Names inputs{x};
    const auto add_numbers = [&](const std::string& what, const Tensor& value) {
      inputs.push_back(add_tensor(nn::join_names(name, what), value.reshape({-1})));
    };
    for (const nn::Parameter* p : layer.own_parameters()) add_numbers(p->name, p->value);
    for (const nn::Buffer* b : layer.own_buffers())
      if (b->value.dtype() == DType::f32) add_numbers(b->name, b->value);
    return inputs;
  }

  static onnx::AttributeProto& attribute(onnx::NodeProto& node, const std::string& name,
                                         onnx::AttributeProto::AttributeType type) {
    onnx::AttributeProto& a = *node.add_attribute();
    a.set_name(name);
    a.set_type(type);
    return a;
  }
  static void set(onnx::NodeProto& node, const std::string& name, int value) {
    attribute(node, name, onnx::AttributeProto::INT).set_i(value);
  }
  static void set(onnx::NodeProto& node, const std::string& name, float value) {
    attribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
  }
  template <std::size_t count>
  static void set(onnx::NodeProto& node, const std::string& name, const std::array<Index, count>& values) {
    onnx::AttributeProto& a = attribute(node, name, onnx::AttributeProto::INTS);
    for (const Index value : values) a.add_ints(value);
  }

  /// Stride, and padding on all four sides.
  static void set_window(onnx::NodeProto& node, const LayerOptions& options) {
    const auto [ph, pw] = options.size("padding");
    set(node, "strides", options.size("stride"));
    set(node, "pads", std::array{ph, pw, ph, pw});
  }

  onnx::GraphProto& graph_;
  bool folds_;
};

/// Says what goes in or out: [n, sizes...].
void describe(onnx::ValueInfoProto& value, const std::string& name, const Shape& shape) {
  value.set_name(name);
  onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("n");
  for (std::size_t axis = 1; axis < shape.size(); ++axis)
    type.mutable_shape()->add_dim()->set_dim_value(shape[axis]);
}

}  // namespace

void check_has_onnx() {}

void export_onnx(const std::filesystem::path& path, nn::Module& model, const Shape& image,
                 const ClassNames& classes, bool fold_batch_norm) {
  onnx::ModelProto file;
  file.set_ir_version(7);
  file.set_producer_name("cnn");
  file.set_producer_version(CNN_VERSION);
  file.add_opset_import()->set_version(13);
  if (!classes.empty()) {
    onnx::StringStringEntryProto& entry = *file.add_metadata_props();
    entry.set_key("classes");
    entry.set_value(to_json(classes));
  }
  onnx::GraphProto& graph = *file.mutable_graph();
  graph.set_name("network");
  describe(*graph.add_input(), "images", image);
  describe(*graph.add_output(), "logits", model.output_shape(image));
  const std::string last = Graph(graph, fold_batch_norm).add(model, "", "images");
  graph.mutable_node(graph.node_size() - 1)->set_output(0, "logits");
  CNN_CHECK(graph.node(graph.node_size() - 1).name() == last, StateError,
            "[onnx] the last layer is not the output");
  onnx::checker::check_model(file);
  io::write_file_atomically(path, std::string_view(file.SerializeAsString()));
}

}  // namespace cnn
