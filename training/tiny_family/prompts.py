"""The chat format and the prompts of the study; the models are trained to exactly these."""

IMAGE_TOKENS = 16

SYSTEM_DEFAULT = "You are a helpful assistant."
SYSTEM_REASONER = (
    "You are a helpful assistant. When the user asks a question, your response must include two "
    "parts: first, the reasoning process enclosed in <think>...</think> tags, then the final answer "
    "enclosed in <answer>...</answer> tags. Please provide a clear, concise response within <answer> "
    "</answer> tags that directly addresses the question."
)
PREFIX = 'Please solve the problem step by step and put your answer in one "\\boxed{}".\n\n'


def chat(system: str, user: str, image: bool) -> str:
    """A prompt up to where the assistant begins."""
    picture = "<|vision_start|>" + "<|image_pad|>" * IMAGE_TOKENS + "<|vision_end|>" if image else ""
    return (
        f"<|im_start|>system\n{system}<|im_end|>\n"
        f"<|im_start|>user\n{picture}{user}<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def described(description: str, question: str) -> str:
    """A question whose image is told in words."""
    return f"Image Description:\n{description}\n\nQuestion:\n{question}"
