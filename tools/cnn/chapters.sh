# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The sections of the book and the programs that go with them.

# section|folder|target|one line
chapters='5.1|01_conv_layer|conv_layer|cross-correlation, edges of a picture, a kernel learned from data
5.2|02_padding_stride|padding_stride|padding and stride, and the shape of the output
5.3|03_channels|channels|several input and output channels, 1x1 convolution
5.4|04_pooling|pooling|max and average pooling
5.5|05_lenet|lenet|LeNet on Fashion-MNIST, the first trained network
5.6|06_alexnet|alexnet|AlexNet: deeper, with ReLU and dropout
5.7|07_vgg|vgg|VGG: networks made of repeated blocks
5.8|08_nin|nin|NiN: small networks inside a network
5.9|09_googlenet|googlenet|GoogLeNet: parallel paths, joined along the channels
5.10|10_batch_norm|batch_norm|batch normalization, written by hand and from the library
5.11|11_resnet|resnet|ResNet: residual blocks
5.12|12_densenet|densenet|DenseNet: every layer sees all earlier ones'

# chapter_is_here FOLDER
chapter_is_here() { [ -f "$root/chapters/$1/CMakeLists.txt" ]; }

list_chapters() {
  local section folder target line note
  while IFS='|' read -r section folder target line; do
    note=""
    chapter_is_here "$folder" || note=" (coming)"
    printf '  %-5s %-15s %s\n' "$section" "$target" "$line$note"
  done <<<"$chapters"
}

# find_chapter NAME: sets `section` and `target`. NAME is 5.5, 05, lenet, 05_lenet or the chapter's folder.
find_chapter() {
  local name=${1%/} folder line
  name=${name##*/}
  while IFS='|' read -r section folder target line; do
    case $name in
      "$section" | "$folder" | "$target" | "${folder%%_*}")
        chapter_is_here "$folder" ||
          usage_error "section $section ($target) is coming, but this version does not have it yet; ./cnn lists those it has"
        return
        ;;
    esac
  done <<<"$chapters"
  usage_error "there is no chapter \"$1\"; the chapters are" "$(list_chapters)"
}
