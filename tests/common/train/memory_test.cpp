// SPDX-License-Identifier: MIT
#include "common/train/memory.hpp"

#include <boost/test/unit_test.hpp>

#include "common/nn/conv2d.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/sequential.hpp"
#include "common/optim/adam.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(memory)

namespace {

constexpr Index mib = Index{1} << 20;

struct Setting {
  Rng rng{0};
  nn::Sequential net{nn::Conv2d{1, 16, {.kernel = 5}, rng}, nn::Flatten{}, nn::Linear{16 * 24 * 24, 10, rng}};
  optim::Adam adam{net.named_parameters()};
  data::DataLoader loader{data::synthetic(512, 28, 10, 1), {.batch_size = 256}, rng};
};

std::string refusal(const MemoryPlan& plan, Setting& s) {
  try {
    check_memory(plan, s.net, s.adam, s.loader);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(search_finds_the_largest_number) {
  for (const Index most : {0, 1, 2, 7, 100}) {
    for (Index answer = 0; answer <= most; ++answer) {
      const Index found = largest_number(most, [&](Index n) {
        BOOST_TEST_REQUIRE((n >= 1 && n <= most));
        return n <= answer;
      });
      BOOST_TEST(found == answer);
    }
  }
}

BOOST_AUTO_TEST_CASE(plan_counts_the_process_and_the_step) {
  Setting s;
  const MemoryPlan plan = plan_memory(s.net, s.adam, s.loader);
  const Index y = Index{4} * 256 * 16 * 24 * 24;
  BOOST_TEST(plan.step > 2 * y);
  BOOST_TEST(plan.step < 3 * y);
  BOOST_TEST(plan.needed > plan.step);
  BOOST_TEST(plan.available.has_value());
}

BOOST_AUTO_TEST_CASE(what_fits_is_not_refused) {
  Setting s;
  BOOST_TEST(refusal({.step = 1, .needed = 100, .peak = 0, .available = 100}, s) == "");
  BOOST_TEST(refusal({.step = 1, .needed = 100, .peak = 0, .available = {}}, s) == "");
}

BOOST_AUTO_TEST_CASE(refusal_names_a_batch_that_fits_and_the_next_does_not) {
  Setting s;
  MemoryPlan plan = plan_memory(s.net, s.adam, s.loader);
  plan.available = plan.needed - 8 * mib;
  const std::string text = refusal(plan, s);
  BOOST_TEST_CONTEXT(text) {
    BOOST_TEST(text.starts_with("[memory] training at batch 256 needs about "));
    BOOST_TEST(text.find("are available; the largest batch that fits is ") != std::string::npos);
    const auto option = text.rfind("--batch-size ");
    BOOST_TEST_REQUIRE(option != std::string::npos);
    const int batch = std::stoi(text.substr(option + 13));
    BOOST_TEST(batch > 64);
    BOOST_TEST(batch < 256);
  }
}

BOOST_AUTO_TEST_CASE(refusal_says_when_nothing_fits) {
  Setting s;
  BOOST_TEST(
      refusal({.step = 1, .needed = 2 * mib, .peak = 0, .available = mib}, s) ==
      "[memory] training at batch 256 needs about 2.0 MiB and 1.0 MiB are available; not even a batch of "
      "1 fits: free memory, or give a smaller --image-size");
}

BOOST_AUTO_TEST_CASE(amounts_are_written_in_a_readable_unit) {
  BOOST_TEST(memory_text(mib / 2) == "0.5 MiB");
  BOOST_TEST(memory_text(1536 * mib) == "1.50 GiB");
}

BOOST_AUTO_TEST_SUITE_END()
