// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "common/nn/activation.hpp"
#include "common/nn/dropout.hpp"
#include "common/nn/sequential.hpp"
#include "common/nn/wrapper.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(dropout)

namespace {

/// A dropout that draws the same mask in each pass, so that its passes can be compared.
class SameMask : public nn::Wrapper {
 public:
  SameMask(double p, Rng& rng) : Wrapper(std::make_shared<nn::Dropout>(p, rng)), rng_(&rng) {}
  Tensor forward(Tensor x) override {
    *rng_ = Rng(5);
    return Wrapper::forward(std::move(x));
  }

 private:
  Rng* rng_;
};

Tensor ones(Index count) {
  return test::on_device(
      Tensor::from_values({count}, std::vector<float>(static_cast<std::size_t>(count), 1.0F)));
}

}  // namespace

BOOST_DATA_TEST_CASE(keeps_the_contract, test::backends(), backend) {
  Rng rng(1);
  test::check_module(backend, SameMask{0.5, rng}, {4, 5}, true);
  test::check_module(backend, SameMask{0.3, rng}, {2, 3, 4, 4}, true);
  test::check_module(backend, SameMask{0, rng}, {4, 5});
  test::check_module(backend, SameMask{1, rng}, {4, 5}, true);
}

BOOST_DATA_TEST_CASE(draws_while_training_only, test::backends(), backend) {
  const BackendScope scope(backend);
  Rng rng(7);
  nn::Dropout dropout{0.5, rng};
  dropout.train(false);
  const Tensor x = ones(10);
  BOOST_TEST(dropout.forward(x).shares_storage_with(x));
  BOOST_TEST(rng.state() == Rng(7).state());
  dropout.train(true);
  dropout.forward(x);
  Rng expected(7);
  for (int k = 0; k < 20; ++k) expected.draw();
  BOOST_TEST(rng.state() == expected.state());
}

BOOST_DATA_TEST_CASE(drops_the_same_elements_on_the_way_back, test::backends(), backend) {
  const BackendScope scope(backend);
  Rng rng(2);
  nn::Dropout dropout{0.25, rng};
  const Tensor x = ones(1000);
  const std::vector<float> y = test::ModuleContract::host(dropout.forward(x));
  BOOST_TEST(test::ModuleContract::host(dropout.backward(ones(1000))) == y, boost::test_tools::per_element());
  const auto dropped = std::ranges::count(y, 0.0F);
  BOOST_TEST(dropped > 200);
  BOOST_TEST(dropped < 300);
  BOOST_TEST(*std::ranges::max_element(y) == 1 / 0.75F);
}

BOOST_AUTO_TEST_CASE(works_in_place_for_a_sole_owner_only) {
  const BackendScope scope("reference");
  Rng rng(2);
  nn::Dropout dropout{0.5, rng};
  Tensor x = ones(100);
  BOOST_TEST(!dropout.forward(x).shares_storage_with(x));
  BOOST_TEST(std::ranges::count(x.values(), 1.0F) == 100);
  const float* const place = x.data();
  BOOST_TEST(dropout.forward(std::move(x)).data() == place);
}

BOOST_AUTO_TEST_CASE(what_is_no_probability_is_refused) {
  Rng rng(1);
  BOOST_CHECK_THROW((nn::Dropout{-0.5, rng}), UsageError);
  BOOST_CHECK_THROW((nn::Dropout{1.5, rng}), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
