// SPDX-License-Identifier: MIT
// What a network becomes as ONNX: the names and numbers of its weights, its operators, what goes in and out. That other programs
// compute the same with it, tests/onnx tries.
#include <boost/test/unit_test.hpp>

#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "common/cnn.hpp"
#include "common/io/file.hpp"
#include "common/train/onnx.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(onnx_files)

namespace {

/// Every kind of layer.
nn::Sequential network(Rng& rng) {
  return nn::Sequential{
      {"stem", nn::Sequential{nn::Conv2d{2, 4, {.kernel = {3, 5}, .stride = {2, 1}, .padding = {1, 2}}, rng},
                              nn::BatchNorm2d{4, {.epsilon = 1e-3}}, nn::ReLU{},
                              nn::MaxPool2d{{.kernel = 2, .stride = 2, .padding = 1}}}},
      nn::Concat{{"", nn::Identity{}}, {"way", nn::Conv2d{4, 3, {.kernel = 1, .bias = false}, rng}}},
      nn::Residual{{"body", nn::Conv2d{7, 7, {.kernel = 3, .padding = 1}, rng}},
                   {"shortcut", nn::Identity{}}},
      nn::AvgPool2d{{.kernel = 2, .stride = 1, .padding = 1}},
      nn::Sigmoid{},
      nn::GlobalAvgPool2d{},
      nn::Flatten{},
      nn::Dropout{0.5, rng},
      {"fc", nn::Linear{7, 3, rng}}};
}

onnx::ModelProto exported(nn::Module& model, const ClassNames& classes = {}) {
  const TemporaryFolder folder;
  export_onnx(folder / "model.onnx", model, {1, 2, 16, 12}, classes);
  onnx::ModelProto file;
  BOOST_TEST_REQUIRE(file.ParseFromString(io::read_file(folder / "model.onnx", 1 << 20)));
  return file;
}

std::string text(const onnx::ValueInfoProto& value) {
  std::string all = value.name();
  for (const auto& d : value.type().tensor_type().shape().dim())
    all += " " + (d.has_dim_param() ? d.dim_param() : std::to_string(d.dim_value()));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(have_the_layers_as_operators) {
  Rng rng(0);
  nn::Sequential model = network(rng);
  const onnx::ModelProto file = exported(model);
  BOOST_CHECK_NO_THROW(onnx::checker::check_model(file));
  std::string operations;
  for (const onnx::NodeProto& node : file.graph().node()) operations += node.op_type() + " ";
  BOOST_TEST(
      operations ==
      "Conv BatchNormalization Relu MaxPool Conv Concat Conv Add AveragePool Sigmoid GlobalAveragePool "
      "Flatten Gemm ");
  BOOST_TEST(text(file.graph().input(0)) == "images n 2 16 12");
  BOOST_TEST(text(file.graph().output(0)) == "logits n 3");
  BOOST_TEST(file.opset_import(0).version() == 13);
}

BOOST_AUTO_TEST_CASE(have_the_weights_under_their_names) {
  Rng rng(0);
  nn::Sequential model = network(rng);
  const onnx::ModelProto file = exported(model);
  std::map<std::string, std::string> in_file;
  for (const onnx::TensorProto& tensor : file.graph().initializer())
    in_file[tensor.name()] = tensor.raw_data();
  std::size_t floats = 0;
  for (const auto& [name, value] : state_dict(model)) {
    if (value.dtype() != DType::f32) continue;
    ++floats;
    const std::string& bytes = in_file[name];
    BOOST_TEST_REQUIRE(bytes.size() == value.values().size_bytes(), name);
    BOOST_TEST(std::memcmp(bytes.data(), value.bytes(), bytes.size()) == 0, name);
  }
  BOOST_TEST(in_file.size() == floats);
}

BOOST_AUTO_TEST_CASE(say_what_the_network_tells_apart) {
  Rng rng(0);
  nn::Sequential model = network(rng);
  const onnx::ModelProto file = exported(model, {"cat", "dog", "fish"});
  BOOST_TEST_REQUIRE(file.metadata_props_size() == 1);
  BOOST_TEST(file.metadata_props(0).key() == "classes");
  BOOST_TEST(file.metadata_props(0).value() == R"(["cat","dog","fish"])");
}

namespace {

/// A layer that nobody knows.
class Cube : public nn::Module {
 public:
  Tensor forward(Tensor x) override { return x; }
  Tensor backward(Tensor grad_y) override { return grad_y; }
  Shape output_shape(const Shape& x) const override { return x; }
  nn::Spec spec() const override { return {.kind = "Cube"}; }
};

}  // namespace

BOOST_AUTO_TEST_CASE(leave_out_no_layer_without_an_operator) {
  const TemporaryFolder folder;
  nn::Sequential model{{"strange", Cube{}}};
  BOOST_CHECK_EXCEPTION(export_onnx(folder / "model.onnx", model, {1, 2, 4, 4}), UsageError,
                        [](const UsageError& e) {
                          return std::string(e.what()).starts_with(
                              "[onnx] the layer 'strange' is a Cube, for which there is no operator");
                        });
  BOOST_TEST(!std::filesystem::exists(folder / "model.onnx"));
}

BOOST_AUTO_TEST_SUITE_END()
