/* A Vulkan driver that does nothing but copies: it passes everything on to the driver that DRIVER names
   and leaves shaders out. So a program's own work for a GPU is measured where there is none. It counts
   what is sent to the device, and the buffers that are made. */
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef void (*Function)(void);
typedef Function (*Getter)(void *, const char *);

static Function real(const char *name) {
  static void *handle;
  if (!handle) handle = dlopen(DRIVER, RTLD_NOW | RTLD_LOCAL);
  return (Function)dlsym(handle, name);
}

static void nothing(void) {}

static int32_t create_pipelines(void *device, uint64_t cache, uint32_t count, const void *infos,
                                const void *allocator, uint64_t *pipelines) {
  for (uint32_t i = 0; i < count; i++) pipelines[i] = i + 1;
  return 0;
}

static int32_t create_module(void *device, const void *info, const void *allocator, uint64_t *module) {
  *module = 1;
  return 0;
}

static int32_t (*real_submit)(void *, uint32_t, const void *, uint64_t);
static int32_t (*real_buffer)(void *, const void *, const void *, uint64_t *);
static uint32_t submits, buffers;

uint32_t count_submits(void) { return submits; }
uint32_t count_buffers(void) { return buffers; }

static int32_t submit(void *queue, uint32_t count, const void *infos, uint64_t fence) {
  submits++;
  return real_submit(queue, count, infos, fence);
}

static int32_t create_buffer(void *device, const void *info, const void *allocator, uint64_t *buffer) {
  buffers++;
  return real_buffer(device, info, allocator, buffer);
}

static Getter real_device_function;
static Function device_function(void *device, const char *name);

static Function replaced(const char *name, Function function) {
  static const char *left_out[] = {"vkCmdDispatch", "vkCmdDispatchIndirect", "vkCmdBindPipeline",
                                   "vkDestroyPipeline", "vkDestroyShaderModule"};
  if (!function) return function;
  for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
    if (!strcmp(name, left_out[i])) return nothing;
  if (!strcmp(name, "vkCreateComputePipelines")) return (Function)create_pipelines;
  if (!strcmp(name, "vkCreateShaderModule")) return (Function)create_module;
  if (!strcmp(name, "vkQueueSubmit")) {
    real_submit = (int32_t(*)(void *, uint32_t, const void *, uint64_t))function;
    return (Function)submit;
  }
  if (!strcmp(name, "vkCreateBuffer")) {
    real_buffer = (int32_t(*)(void *, const void *, const void *, uint64_t *))function;
    return (Function)create_buffer;
  }
  if (!strcmp(name, "vkGetDeviceProcAddr")) {
    real_device_function = (Getter)function;
    return (Function)device_function;
  }
  return function;
}

static Function device_function(void *device, const char *name) {
  return replaced(name, real_device_function(device, name));
}

Function vk_icdGetInstanceProcAddr(void *instance, const char *name) {
  return replaced(name, ((Getter)real("vk_icdGetInstanceProcAddr"))(instance, name));
}

Function vk_icdGetPhysicalDeviceProcAddr(void *instance, const char *name) {
  Getter get = (Getter)real("vk_icdGetPhysicalDeviceProcAddr");
  return get ? replaced(name, get(instance, name)) : NULL;
}

int32_t vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
  return ((int32_t(*)(uint32_t *))real("vk_icdNegotiateLoaderICDInterfaceVersion"))(version);
}
